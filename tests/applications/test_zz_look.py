import pytest, time, subprocess
from tests.applications import documents as d
from tests import factories
from applications.packets import building
from applications.models import Packet, Association
from qcportal import files, pdf
from applications.models import Member

@pytest.mark.django_db(transaction=True)
def test_look(owner):
    app = factories.complete_draft(owner, group_name="喆堃玥昇QC小组", topic_registration_number="KT-001", group_founded_on="2021-03-01")
    app.completing_units.create(position=1, name="青海湖光盐化股份有限公司钾肥分厂")
    for i in range(3, 9):
        Member.objects.create(application=app, position=i, name=["古丽娜·阿不都","李景岳","段玥","沈若溪","喆堃","昇平"][i-3], gender="f", group_role="deputy" if i==3 else "member", education="本科", job_title="工艺工程师", duty="组织策划、协调推进", training_hours=48)
    app.special_awards.add(app.round.programme.special_awards.first())
    r = app.enterprise.reports.get()
    r.summary_leadership = "（一）健全组织体系。公司成立由总经理任组长的质量管理小组活动推进委员会，质量部为归口部门，各分厂设专职推进员1名，形成公司、分厂、班组三级推进网络。\n（二）完善管理制度。修订《质量管理小组活动管理办法》，全年兑现奖励23.5万元。"
    r.save()
    d.attach(app, "现场照片.jpg", d.picture(size=(1600,1200)), "image/jpeg", "photo")
    d.attach(app, "透明.png", d.picture("PNG", mode="RGBA", size=(600,900)), "image/png")
    d.attach(app, "坏文件.pdf", b"%PDF-1.4 broken", "application/pdf")
    d.attach(app, "数据.xlsx", b"PK", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    sub = d.submit(app, owner)
    pdf.warm_up()
    for n in range(2):
        t=time.perf_counter(); work = building.Work(sub); m = building._packet(work, "full"); dt=time.perf_counter()-t
        print("full", dt, m.pages, len(m.content))
    t=time.perf_counter(); packets = building.build(sub); print("build", time.perf_counter()-t)
    for p in packets:
        __import__("pathlib").Path(f"/tmp/lookp/{p.kind}.pdf").write_bytes(files.read(p.file))
    building.build(sub, ("blind",)); __import__("pathlib").Path("/tmp/lookp/blind.pdf").write_bytes(files.read(building.current(sub,"blind").file))
