from django.urls import path

from demands.views.workbench import files, readings, undertaking

urlpatterns = [
    path("demands/files/<public_id:public_id>/download/", files.demand_file_download, name="demand_file_download"),
    path("workbench/demands/<public_id:public_id>/files/", files.demand_file_add, name="demand_file_add"),
    path("workbench/demand-files/<public_id:public_id>/remove/", files.demand_file_remove, name="demand_file_remove"),
    path("workbench/demands/<public_id:public_id>/readers/", readings.demand_readers, name="demand_readers"),
    path("workbench/undertaking/", undertaking.undertaking, name="undertaking"),
    path("workbench/undertaking/end/", undertaking.undertaking_end, name="undertaking_end"),
]
