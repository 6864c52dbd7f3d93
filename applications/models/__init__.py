from applications.models.applications import Application, CompletingUnit, Member
from applications.models.checking import ChecklistItem, FormalCheck, PaperReceipt, Remark, RemarkReply
from applications.models.confirming import ConfirmationText, WarningConfirmation
from applications.models.documents import Bundle, Packet, PacketKind, PaperSet
from applications.models.enterprises import (
    Consent,
    Enterprise,
    Invitation,
    JoinRequest,
    JoinState,
    Membership,
    MembershipRole,
)
from applications.models.evidence import Evidence, EvidenceKind
from applications.models.identity import EnterpriseProof, FormerName, ProofKind
from applications.models.messages import Message, Thread
from applications.models.notices import Association, DownloadTemplate, Notice
from applications.models.programmes import (
    CalendarEntry,
    Extension,
    Programme,
    RecommendingUnit,
    Round,
    SpecialAward,
    WorkdayException,
)
from applications.models.reports import AnnualReport, ReportVersion
from applications.models.submissions import Submission, SubmitAttempt

__all__ = [
    "AnnualReport",
    "Application",
    "Association",
    "Bundle",
    "CalendarEntry",
    "ChecklistItem",
    "CompletingUnit",
    "ConfirmationText",
    "Consent",
    "DownloadTemplate",
    "Enterprise",
    "EnterpriseProof",
    "Evidence",
    "EvidenceKind",
    "Extension",
    "FormalCheck",
    "FormerName",
    "Invitation",
    "JoinRequest",
    "JoinState",
    "Member",
    "Membership",
    "MembershipRole",
    "Message",
    "Notice",
    "Packet",
    "PacketKind",
    "PaperReceipt",
    "PaperSet",
    "Programme",
    "ProofKind",
    "RecommendingUnit",
    "Remark",
    "RemarkReply",
    "ReportVersion",
    "Round",
    "SpecialAward",
    "Submission",
    "SubmitAttempt",
    "Thread",
    "WarningConfirmation",
    "WorkdayException",
]
