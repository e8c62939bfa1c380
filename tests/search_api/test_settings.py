"""Settings from a file and from variables."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from search_api.settings import Settings, SettingsError
from search_api.settings_file import load_settings


@pytest.fixture
def file(tmp_path):
    """A path for a settings file; nothing is there yet."""
    return tmp_path / "sop.toml"


def test_without_file_and_variables_everything_has_a_default(file):
    """A missing file is no error: the service listens on this machine, port 8000."""
    settings = load_settings(file, {})
    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_variable_wins_over_the_file(file):
    """What a variable says counts; the file's other settings stay."""
    file.write_text('port = 9000\nindex = "from-file"\n', encoding="utf-8")
    settings = load_settings(file, {"SOPKB_PORT": "9001", "PORT": "1", "SOPKBPORT": "2"})
    assert (settings.port, settings.index) == (9001, Path("from-file"))


def test_process_environment_is_read(file, monkeypatch):
    """Without a given environment, the process's own variables count."""
    monkeypatch.setenv("SOPKB_PUBLIC_URL", "https://kb.example.test/x")
    assert load_settings(file).public_url == "https://kb.example.test/x"


def test_unknown_name_in_the_file_names_the_nearest(file):
    """A misspelt setting is refused with the file's name and the right spelling."""
    file.write_text('events_ulr = "x"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"sop\.toml: .*events_ulr.*did you mean events_url\?"):
        load_settings(file, {})


def test_unknown_variable_names_the_nearest():
    """A misspelt variable is refused by its name, with the right variable."""
    with pytest.raises(SettingsError, match=r"SOPKB_PUBLIC_ULR: .*mean SOPKB_PUBLIC_URL\?"):
        load_settings(Path("no-file"), {"SOPKB_PUBLIC_ULR": "x"})


def test_name_like_no_other_lists_those_that_exist():
    """Where nothing is near, the message lists every setting."""
    with pytest.raises(SettingsError, match=r"there are: .*events_url"):
        load_settings(Path("no-file"), {"SOPKB_XYZZY123": "x"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOPKB_PORT", "eighty"),
        ("SOPKB_PORT", "70000"),
        ("SOPKB_QUEUE_LIMIT", "-1"),
        ("SOPKB_REQUESTS_PER_MINUTE", "0"),
        ("SOPKB_RELOAD_S", "0"),
        ("SOPKB_PUBLIC_URL", "javascript:alert(1)"),
        ("SOPKB_PUBLIC_URL", "kb.example.test"),
        ("SOPKB_ARTICLE_ENCODER", "fast"),
        ("SOPKB_PROXY_ADDRESSES", "10.0.0.0/8,everybody"),
    ],
)
def test_wrong_value_names_its_source(file, variable, value):
    """A value that is not allowed is refused with the variable's and the setting's name."""
    name = variable.removeprefix("SOPKB_").lower()
    with pytest.raises(SettingsError, match=f"{variable}: {name}"):
        load_settings(file, {variable: value})
    file.write_text(f'{name} = "{value}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"sop\.toml: {name}"):
        load_settings(file, {})


def test_file_that_is_no_toml_is_named(file):
    """A broken file is one sentence with its path."""
    file.write_text("port = = 1", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"sop\.toml"):
        load_settings(file, {})


def test_lists_are_written_with_commas(file):
    """A variable's list has commas; blanks and empty parts do not count."""
    settings = load_settings(
        file,
        {"SOPKB_AUDIENCES": "internal, partner,,", "SOPKB_PROXY_ADDRESSES": "10.0.0.0/8,::1"},
    )
    assert settings.audiences == ("internal", "partner")
    assert settings.proxy_addresses == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def test_command_reports_a_wrong_setting_in_one_sentence(sop, settings_file):
    """A settings error is exit code 2 and one line, never a traceback."""
    settings_file.write_text("prot = 1\n", encoding="utf-8")
    done = sop("key", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean port?" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("events_url", "sqlite:///var/reports/events.db"),
        ("backups_folder", "var/reports/backups"),
        ("actor_key_file", "var/reports/actor.key"),
        ("sop", "var/reports"),
    ],
)
def test_folder_of_reports_is_for_reports_alone(file, name, value):
    """Erasing deletes files of that folder, so it may hold nothing else that settings name."""
    file.write_text(f'{name} = "{value}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"reports_folder: var/reports holds .* \({name}\)"):
        load_settings(file, {})
    assert load_settings(file, {"SOPKB_REPORTS_FOLDER": "out"}).reports_folder == Path("out")
