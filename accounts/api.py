"""Serializers of organisations and regions for the API of the other apps."""

from rest_framework import serializers

from accounts.models import Organisation, Region


class OrganisationNameSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Organisation
        fields = ["id", "name"]


class RegionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Region
        fields = ["code", "name"]
