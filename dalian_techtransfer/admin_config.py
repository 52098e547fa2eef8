from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "dalian_techtransfer.staff_site.StaffSite"
