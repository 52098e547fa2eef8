from django.core.exceptions import PermissionDenied


def for_heads(view):
    """Staff who see a district or all: a system administrator keeps accounts and reads no matches."""

    def guarded(request, *args, **kwargs):
        scope = request.user.scope
        if not (scope.sees_all or scope.is_district):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
