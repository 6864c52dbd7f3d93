"""What the secretariat types on the running-order page."""

from collections.abc import Sequence

from django import forms
from django.forms import BoundField

from applications.models import Application
from events import choosing
from events.choosing import Group
from events.models import Event, Track


class TrackForm(forms.Form):
    """Chooses one of the event's tracks; preset where there is only one."""

    track = forms.ModelChoiceField(Track.objects.none(), label="会场", empty_label=None)

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.event = event
        field = self.fields["track"]
        field.queryset = event.tracks.all()  # type: ignore[attr-defined]
        field.label_from_instance = _track_label  # type: ignore[attr-defined]


class ChoosingForm(TrackForm):
    """A rule for the shortlist, read from the address: how to divide, and how many places for whom."""

    by = forms.ChoiceField(label="办法", choices=[(key, label) for key, (label, _of) in choosing.GROUPINGS.items()])

    def __init__(self, event: Event, groups: Sequence[Group], *args: object, **kwargs: object) -> None:
        super().__init__(event, *args, **kwargs)
        self.groups = groups
        for group in groups:
            self.fields[f"quota_{group.key}"] = forms.IntegerField(
                label="前几名" if group.key == choosing.ALL else group.label,
                min_value=0,
                max_value=500,
                required=False,
                help_text=f"共 {len(group.candidates)} 组有资料评审名次",
                widget=forms.NumberInput({"inputmode": "numeric"}),
            )

    def quota_fields(self) -> list[BoundField]:
        return [self[f"quota_{group.key}"] for group in self.groups]

    def quotas(self) -> dict[str, int]:
        return {group.key: self.cleaned_data[f"quota_{group.key}"] or 0 for group in self.groups}


class HandForm(TrackForm):
    application = forms.ModelChoiceField(Application.objects.none(), label="申报", empty_label="请选择")
    reason = forms.CharField(label="入选理由", max_length=200)

    def __init__(self, event: Event, *args: object, **kwargs: object) -> None:
        super().__init__(event, *args, **kwargs)
        candidates = Application.objects.taking_part().exclude(shortlistings__event=event)
        if event.round_id:
            candidates = candidates.filter(round_id=event.round_id)
        field = self.fields["application"]
        field.queryset = candidates.select_related("enterprise").order_by("file_number")  # type: ignore[attr-defined]
        field.label_from_instance = _label  # type: ignore[attr-defined]


def _track_label(track: Track) -> str:
    """The event is named on the page already."""
    return f"{track.name}（{track.room}）" if track.room else track.name


def _label(application: Application) -> str:
    return f"{application.file_number} {application.group_name}（{application.enterprise.name}）"
