"""Settings of the schedule service."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environs import Env, ValidationError, validate

from shared.settings import Settings, read_common

NUMBER_FORMAT = "800.1.11.1/{number}/{agency}/{month}/{year}"


NUMBERERS = validate.OneOf(["eoffice", "luwes"])


def _numbers_letters(form: str) -> None:
    """Refuse a format that would give two letters one number, or that names what there is not."""
    try:
        form.format(number=1, agency="A", month="I", year=2026)
    except (KeyError, ValueError, IndexError) as error:
        raise ValidationError(f"not a format of {{number}}, {{agency}}, {{month}}, {{year}}: {error}") from error
    if not all(part in form for part in ("{number}", "{agency}", "{year}")):
        raise ValidationError("{number}, {agency} and {year} have to be in it, or numbers would come twice")


@dataclass(frozen=True)
class SiasnAccess:
    """Where SIMPEG's API and its single sign-on are, and what opens them."""

    url: str
    sso_url: str
    consumer_key: str
    consumer_secret: str
    client_id: str
    username: str
    password: str


@dataclass(frozen=True)
class BsreAccess:
    """Where the city's eSign Client Service of BSrE is, which of its APIs it speaks (v1, v2), and what opens it."""

    url: str
    api: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class LetterWording:
    """What letters of this government say, whichever agency writes them.

    government: first line of the kop; region: city and province, behind each agency's address; place: where letters
    are signed; copies: who gets one (tembusan), in order; footer: at the foot of each page.
    """

    government: str = "PEMERINTAH KOTA METRO"
    region: str = "Kota Metro, Lampung"
    place: str = "Metro"
    copies: tuple[str, ...] = ("Wali Kota Metro", "Sekretaris Daerah Kota Metro u.p. Kepala Bagian Organisasi")
    footer: str = (
        "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang diterbitkan oleh "
        "Balai Sertifikasi Elektronik (BSrE), Badan Siber dan Sandi Negara."
    )


@dataclass(frozen=True)
class ScheduleSettings(Settings):
    """siasn: SIMPEG's API, where it may be asked; reconcile_nightly: ask it each night for what webhooks missed.

    letters_numbered_here: Luwes numbers letters, at the moment of signing, by letter_number_format; else e-office does.
    session_key: file of the Ed25519 private key (JWK) that signs sessions; bsre: who signs letters, where it is set;
    signing_key: PKCS#12 of the local signer, opened with the signer's passphrase at each signature and never otherwise.
    """

    session_key: Path
    development_login: bool
    eoffice_url: str
    policy_dir: Path
    signing_key: Path | None
    letters_numbered_here: bool = False
    letter_number_format: str = NUMBER_FORMAT
    letter_wording: LetterWording = LetterWording()
    siasn: SiasnAccess | None = None
    bsre: BsreAccess | None = None
    reconcile_nightly: bool = False


def read_wording(env: Env) -> LetterWording:
    """What is empty is as by default: docker-compose passes what is not set so."""
    usual = LetterWording()
    copies = tuple(copy.strip() for copy in env.str("SCHEDULE_LETTER_COPIES", "").split(";") if copy.strip())
    return LetterWording(
        government=env.str("SCHEDULE_LETTER_GOVERNMENT", "") or usual.government,
        region=env.str("SCHEDULE_LETTER_REGION", "") or usual.region,
        place=env.str("SCHEDULE_LETTER_PLACE", "") or usual.place,
        copies=copies or usual.copies,
        footer=env.str("SCHEDULE_LETTER_FOOTER", "") or usual.footer,
    )


def schedule_settings(settings: Settings) -> ScheduleSettings:
    """The same settings, known to be this service's."""
    if not isinstance(settings, ScheduleSettings):
        raise TypeError("these are not the settings of the schedule service")
    return settings


def load_settings() -> ScheduleSettings:
    env = Env(eager=False)
    values: dict[str, Any] = {
        **read_common(env, "schedule"),
        "session_key": env.path("SCHEDULE_SESSION_KEY"),
        "development_login": env.bool("SCHEDULE_DEVELOPMENT_LOGIN", False),
        "eoffice_url": env.str("SCHEDULE_EOFFICE_URL"),
        "policy_dir": env.path("SCHEDULE_POLICY_DIR", Path(__file__).parent / "policies"),
        "letters_numbered_here": env.str("SCHEDULE_LETTER_NUMBERING", "eoffice", validate=NUMBERERS) == "luwes",
        "letter_number_format": env.str("SCHEDULE_LETTER_NUMBER_FORMAT", NUMBER_FORMAT, validate=_numbers_letters),
        "letter_wording": read_wording(env),
        "signing_key": env.path("SCHEDULE_SIGNING_KEY", None),
    }
    siasn_url = env.str("SCHEDULE_SIASN_URL", "")
    if siasn_url:
        values["siasn"] = SiasnAccess(
            url=siasn_url.rstrip("/"),
            sso_url=(env.str("SCHEDULE_SIASN_SSO_URL", "") or siasn_url).rstrip("/"),
            consumer_key=env.str("SCHEDULE_SIASN_CONSUMER_KEY"),
            consumer_secret=env.str("SCHEDULE_SIASN_CONSUMER_SECRET"),
            client_id=env.str("SCHEDULE_SIASN_CLIENT_ID"),
            username=env.str("SCHEDULE_SIASN_USERNAME"),
            password=env.str("SCHEDULE_SIASN_PASSWORD"),
        )
        values["reconcile_nightly"] = env.bool("SCHEDULE_RECONCILE_NIGHTLY", True)
    bsre_url = env.str("SCHEDULE_BSRE_URL", "")
    if bsre_url:
        values["bsre"] = BsreAccess(
            url=bsre_url.rstrip("/"),
            api=env.str("SCHEDULE_BSRE_API", "", validate=validate.OneOf(["", "v1", "v2"])) or "v2",
            username=env.str("SCHEDULE_BSRE_USERNAME", validate=validate.Length(min=1)),
            password=env.str("SCHEDULE_BSRE_PASSWORD", validate=validate.Length(min=1)),
        )
    env.seal()  # names every missing or malformed variable at once
    settings = ScheduleSettings(**values)
    if settings.development_login and not settings.embedded:
        raise SystemExit("SCHEDULE_DEVELOPMENT_LOGIN: the development login exists in the embedded profile only")
    if settings.signing_key and not settings.embedded:
        raise SystemExit("SCHEDULE_SIGNING_KEY: the local signer exists in the embedded profile only")
    return settings
