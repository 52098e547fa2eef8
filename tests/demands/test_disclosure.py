"""Steps of disclosure: what each reader gets of a demand of which only the teaser is public."""

import datetime
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter

from audit.models import AuditRecord
from demands.models import Demand, DemandReading, Undertaking
from demands.services.exporting import export_demands
from demands.services.files import add_demand_file, copy_for_reader, remove_demand_file
from demands.services.reading_records import record_reading
from demands.services.undertakings import allow_undertaking, end_undertaking, sign_undertaking
from demands.watermark import pdf_of_upload, watermarked_pdf
from tests import factories
from tests.achievements import uploads
from tests.demands.disclosed import SECRET, image, pdf, pdf_text, signed_officer, stored_file, teaser_demand

pytestmark = pytest.mark.django_db
Step = DemandReading.Step


@pytest.fixture
def firm():
    return factories.firm("大连演示轴承有限公司")


@pytest.fixture
def owner(firm):
    return factories.firm_officer(firm)


@pytest.fixture
def demand(firm):
    return teaser_demand(firm=firm)


class TestTeaser:
    def test_is_required_if_only_it_is_public(self, firm):
        row = Demand(firm=firm, title="一项需求", kind="problem", problem="问题", disclosure="teaser")
        with pytest.raises(ValidationError, match="请写一段公开摘要"):
            row.full_clean()

    def test_public_page_shows_the_teaser_and_how_to_read_on(self, client, demand):
        page = client.get(reverse("demand_detail", args=[demand.public_id])).content.decode()
        assert demand.teaser in page
        assert "签署保密承诺后" in page
        assert SECRET not in page and "接触疲劳寿命" not in page

    def test_lists_api_and_search_show_and_find_no_details(self, client, demand):
        for url in (reverse("demand_list"), "/api/v1/demands/", f"/api/v1/demands/{demand.public_id}/"):
            text = client.get(url).content.decode()
            assert demand.title in text
            assert SECRET not in text and "接触疲劳寿命" not in text
        assert Demand.objects.published().search(SECRET).count() == 0
        assert Demand.objects.published().search("表面热处理").count() == 1
        assert Demand.objects.published().search("热处理工艺").count() == 1

    def test_a_fully_public_demand_reads_as_before(self, client, firm):
        row = factories.demand(firm=firm, problem=f"{SECRET}不稳定")
        assert SECRET in client.get(reverse("demand_detail", args=[row.public_id])).content.decode()
        assert Demand.objects.published().search(SECRET).get() == row

    def test_reasons_of_a_match_are_shown_only_to_readers_of_the_details(self, client, demand):
        officer = factories.institution_officer()
        pair = factories.match(
            demand=demand,
            achievement=factories.achievement(institution=officer.memberships.get().organisation),
            status="accepted",
            reviewed_by=factories.city_officer(),
            reviewed_at=timezone.now(),
            shared_terms=["离子渗氮"],
        )
        client.force_login(officer)
        url = reverse("my_matches")
        assert pair.verdict and "离子渗氮" not in client.get(url).content.decode()
        sign_undertaking(officer.memberships.get().organisation, by=officer, has_read=True)
        assert "离子渗氮" in client.get(url).content.decode()

    def test_exports_keep_the_details_from_staff_of_other_districts(self, demand):
        other = factories.district_officer("210283")
        content = export_demands(Demand.objects.all(), by=other)

        cells = [cell for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True) for cell in row]
        assert demand.teaser in cells
        assert not any(SECRET in str(cell) for cell in cells)


class TestUndertaking:
    def test_opens_the_details_and_records_the_reader(self, client, demand, owner):
        officer = factories.institution_officer(name="李研究员")
        client.force_login(officer)
        url = reverse("demand_detail", args=[demand.public_id])
        assert SECRET not in client.get(url).content.decode()
        organisation = officer.memberships.get().organisation
        page = client.post(
            reverse("undertaking"), {"organisation": organisation.public_id, "has_read": "1"}, follow=True
        )
        assert "有效期至" in page.content.decode()
        assert SECRET in client.get(url).content.decode()
        steps = list(demand.reading_records.order_by("step").values_list("step", "times", "organisation__name"))
        assert steps == [("details", 1, organisation.name), ("teaser", 1, organisation.name)]
        client.force_login(owner)
        page = client.get(reverse("demand_readers", args=[demand.public_id])).content.decode()
        assert "李研究员" in page and organisation.name in page

    def test_is_not_signed_without_reading_or_for_others(self):
        officer, other = factories.institution_officer(), factories.institution("大连海事大学")
        with pytest.raises(ValidationError, match="请先阅读"):
            sign_undertaking(officer.memberships.get().organisation, by=officer, has_read=False)
        for user in (officer, factories.city_officer(), factories.firm_officer()):
            with pytest.raises(PermissionDenied):
                sign_undertaking(other, by=user, has_read=True)

    def test_expires_and_is_signed_again(self, demand):
        officer = signed_officer()
        assert Demand.objects.detailed_for(officer).exists()
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        Undertaking.objects.update(valid_until=yesterday)
        assert not Demand.objects.detailed_for(officer).exists()
        sign_undertaking(officer.memberships.get().organisation, by=officer, has_read=True)
        assert Demand.objects.detailed_for(officer).exists()
        with pytest.raises(ValidationError, match="已签署"):
            sign_undertaking(officer.memberships.get().organisation, by=officer, has_read=True)

    def test_a_new_text_has_to_be_signed(self, demand):
        officer = signed_officer()
        Undertaking.objects.update(version="2020-1")
        assert not Demand.objects.detailed_for(officer).exists()

    def test_the_city_ends_it_and_allows_a_new_one(self, demand):
        officer, city = signed_officer(), factories.city_officer()
        organisation, row = officer.memberships.get().organisation, Undertaking.objects.get()
        end_undertaking(row, by=city, reason="对外转发需求")
        assert not Demand.objects.detailed_for(officer).exists()
        with pytest.raises(ValidationError, match="市科技局已终止"):
            sign_undertaking(organisation, by=officer, has_read=True)
        with pytest.raises(PermissionDenied):
            allow_undertaking(row, by=officer)
        allow_undertaking(row, by=city)
        sign_undertaking(organisation, by=officer, has_read=True)

    def test_details_of_unpublished_demands_stay_closed(self, firm):
        teaser_demand(firm=firm, status=Demand.Status.CLOSED, status_reason="不需要了")
        assert not Demand.objects.detailed_for(signed_officer()).exists()


class TestReadings:
    def test_count_by_day_and_leave_out_the_firm(self, demand, owner):
        officer = factories.institution_officer()
        for reader in (officer, officer, owner):
            record_reading(demand, Step.TEASER, by=reader)
        assert list(demand.reading_records.values_list("reader", "times")) == [(officer.pk, 2)]

    @pytest.mark.parametrize("make", [factories.firm_officer, factories.institution_officer])
    def test_are_shown_to_the_firm_only(self, client, demand, make):
        client.force_login(make())
        assert client.get(reverse("demand_readers", args=[demand.public_id])).status_code == 404


class TestFiles:
    def test_readers_get_a_copy_with_their_name(self, client, demand, owner):
        stored, officer = stored_file(demand, owner), signed_officer(name="李研究员")
        client.force_login(officer)
        response = client.get(reverse("demand_file_download", args=[stored.public_id]))
        assert response.headers["Content-Disposition"].startswith("attachment")
        text = pdf_text(response.content)
        assert text.count("李研究员") >= 2  # on each of two pages
        assert officer.memberships.get().organisation.name in text
        assert demand.reading_records.get(step=Step.FILE).file == stored
        assert AuditRecord.objects.filter(action="下载需求附件", actor=officer).exists()

    def test_the_firm_gets_its_own_file_without_a_mark(self, demand, owner):
        stored = stored_file(demand, owner)
        assert pdf_text(copy_for_reader(stored, by=owner)).strip() == ""
        assert not demand.reading_records.exists()

    def test_other_readers_get_404(self, client, demand, owner):
        stored = stored_file(demand, owner)
        url = reverse("demand_file_download", args=[stored.public_id])
        assert client.get(url).status_code == 302
        for user in (factories.institution_officer(), factories.firm_officer(), factories.district_officer("210283")):
            client.force_login(user)
            assert client.get(url).status_code == 404

    def test_removed_files_and_files_of_closed_demands_are_not_sent(self, client, demand, owner):
        stored = stored_file(demand, owner)
        client.force_login(signed_officer())
        url = reverse("demand_file_download", args=[stored.public_id])
        Demand.objects.filter(pk=demand.pk).update(status=Demand.Status.CLOSED, status_reason="不需要了")
        assert client.get(url).status_code == 404
        Demand.objects.filter(pk=demand.pk).update(status=Demand.Status.PUBLISHED, status_reason="")
        assert client.get(url).status_code == 200
        remove_demand_file(stored, by=owner)
        assert client.get(url).status_code == 404

    def test_only_the_firm_uploads(self, demand):
        for user in (factories.district_officer(), factories.city_officer(), factories.institution_officer()):
            with pytest.raises(PermissionDenied):
                stored_file(demand, user)

    @pytest.mark.parametrize(
        ("content", "name", "message"),
        [
            (uploads.DOCX, "说明.docx", "请另存为 PDF"),
            (uploads.PDF, "坏.pdf", "打不开|1 至"),
            (uploads.EXE, "图纸.pdf", "不是可以接收的类型"),
            (pdf(201), "厚.pdf", "201 页"),
            (b"", "空.pdf", "空文件"),
        ],
    )
    def test_unsuitable_uploads_get_a_sentence(self, demand, owner, content, name, message):
        with pytest.raises(ValidationError, match=message):
            add_demand_file(demand, content=content, name=name, audience="undertaking", by=owner)
        assert not demand.files.exists()

    def test_pictures_become_pages(self, demand, owner):
        for kind, name in (("PNG", "照片.png"), ("JPEG", "照片.jpg")):
            stored = add_demand_file(demand, content=image(kind), name=name, audience="undertaking", by=owner)
            assert stored.pages == 1

    def test_stored_pdf_has_neither_metadata_nor_actions(self):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
        writer.add_metadata({"/Author": "大连演示轴承有限公司"})
        target = io.BytesIO()
        writer.write(target)
        content, _pages = pdf_of_upload(target.getvalue(), "pdf", "图.pdf")
        assert "轴承" not in str(PdfReader(io.BytesIO(content)).metadata)
        assert PdfReader(io.BytesIO(watermarked_pdf(content, "李研究员"))).metadata.title == "李研究员"

    def test_encrypted_pdf_is_refused(self):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
        writer.encrypt("x", algorithm="RC4-128")
        target = io.BytesIO()
        writer.write(target)
        with pytest.raises(ValidationError, match="设有密码"):
            pdf_of_upload(target.getvalue(), "pdf", "图.pdf")
