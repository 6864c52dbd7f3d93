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
from applications.models.folders import FolderFile, FolderState, StaffEntry, StaffFolder
from applications.models.guidance import FieldGuidance
from applications.models.identity import EnterpriseProof, FormerName, ProofKind
from applications.models.imports import PendingImport
from applications.models.messages import Message, Thread
from applications.models.notices import Association, DownloadTemplate, Notice
from applications.models.paper import (
    PageResult,
    PaperPart,
    PartKind,
    PartReceipt,
    ScannedPage,
    ScannedPart,
    ScanState,
    StampedScan,
)
from applications.models.past_results import PastResult, PastResultFile
from applications.models.previews import Preview, PreviewPage, PreviewState
from applications.models.programmes import (
    CalendarEntry,
    Extension,
    Programme,
    RecommendingUnit,
    Round,
    SpecialAward,
    WorkdayException,
)
from applications.models.recommendations import (
    Decision,
    Recommendation,
    RecommendationPage,
    RecommendationRequest,
    UnitInvitation,
    UnitMember,
)
from applications.models.reports import AnnualReport, ReportVersion
from applications.models.submissions import Submission, SubmitAttempt
from applications.models.uploads import Upload, UploadPart

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
    "Decision",
    "DownloadTemplate",
    "Enterprise",
    "EnterpriseProof",
    "Evidence",
    "EvidenceKind",
    "Extension",
    "FieldGuidance",
    "FolderFile",
    "FolderState",
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
    "PageResult",
    "PaperPart",
    "PaperReceipt",
    "PaperSet",
    "PartKind",
    "PartReceipt",
    "PastResult",
    "PastResultFile",
    "PendingImport",
    "Preview",
    "PreviewPage",
    "PreviewState",
    "Programme",
    "ProofKind",
    "Recommendation",
    "RecommendationPage",
    "RecommendationRequest",
    "RecommendingUnit",
    "Remark",
    "RemarkReply",
    "ReportVersion",
    "Round",
    "ScanState",
    "ScannedPage",
    "ScannedPart",
    "SpecialAward",
    "StaffEntry",
    "StaffFolder",
    "StampedScan",
    "Submission",
    "SubmitAttempt",
    "Thread",
    "UnitInvitation",
    "UnitMember",
    "Upload",
    "UploadPart",
    "WarningConfirmation",
    "WorkdayException",
]
