from django.http import HttpResponse


def briefing(request):
    return HttpResponse("")
