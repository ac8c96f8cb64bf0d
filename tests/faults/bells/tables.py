"""What the bells leave behind. Both services have both tables, and each uses what it needs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Identity, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db import NAMING, TYPES


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class Rung(Base):
    """A number that was asked for over HTTP; asking again changes nothing."""

    __tablename__ = "rung"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Effect(Base):
    """One run of a handler. Nothing here is unique, on purpose: what is done twice must show."""

    __tablename__ = "effect"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    number: Mapped[int] = mapped_column(BigInteger)
