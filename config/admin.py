from django.contrib.admin import AdminSite


class Site(AdminSite):
    site_header = "Callwright"
    site_title = "Callwright admin"
    index_title = "Every noun, for staff"
    enable_nav_sidebar = True
