import pytest, worlds, time
@pytest.mark.django_db
def test_x(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path/"files"
    t=time.time(); w = worlds.build(); print("build", time.time()-t)
    for n in ("", "cleo","ben","hana","mona"):
        c = w.client(n)
        for u in ("/", "/instruments/", "/search/?q=NameOwn", f"/instruments/{w.uids['open_a']}/", "/instruments/export.xlsx"):
            t=time.time(); r=c.get(u); r.close(); print(n,u,r.status_code,round(time.time()-t,3))
