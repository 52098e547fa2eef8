import os

from django.core.wsgi import get_wsgi_application

from dalian_techtransfer import query_deadline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")
os.environ.setdefault("PROCESS_ROLE", "web")
query_deadline.install()

application = get_wsgi_application()
