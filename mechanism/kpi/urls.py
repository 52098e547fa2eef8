from django.urls import path

from mechanism.kpi import pages

urlpatterns = [
    path("figures/", pages.public_figures, name="public_figures"),
    path("workbench/figures/", pages.board, name="board"),
    path("workbench/figures/export/", pages.export_board, name="board_export"),
    path("workbench/figures/<slug:key>/", pages.figure, name="figure"),
    path("workbench/figures/<slug:key>/rows/", pages.rows, name="figure_rows"),
    path("workbench/figures/<slug:key>/changes/", pages.changes, name="figure_changes"),
    path("workbench/figures/<slug:key>/export/", pages.export_rows, name="figure_export"),
]
