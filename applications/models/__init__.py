from applications.models.applications import Application, CompletingUnit, Member
from applications.models.carrying import CarryAnswer
from applications.models.checking import ChecklistItem, FormalCheck, PaperReceipt, Remark, RemarkReply, TextBlock
from applications.models.confirming import ConfirmationText, WarningConfirmation
from applications.models.dealings import CallOutcome, Note, PhoneCall, ReplyTemplate
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
from applications.models.notices import (
    Association,
    DownloadTemplate,
    Notice,
    NoticeFile,
    NoticeKind,
    NoticeVersion,
)
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
from applications.models.paper_desk import DeskScan, PaperBatch, ScanResult
from applications.models.past_results import PastResult, PastResultFile
from applications.models.previews import Preview, PreviewPage, PreviewState
from applications.models.programmes import (
    AwardLevel,
    CalendarEntry,
    Extension,
    JointHost,
    Programme,
    RecommendingUnit,
    Round,
    SpecialAward,
    WorkdayException,
)
from applications.models.queueing import (
    BulkAction,
    BulkItem,
    BulkKind,
    BulkState,
    Claim,
    ItemState,
    SavedFilter,
    WarningSummary,
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
from applications.models.verifying import LicenceCheck

__all__ = [
    "AnnualReport",
    "Application",
    "Association",
    "AwardLevel",
    "BulkAction",
    "BulkItem",
    "BulkKind",
    "BulkState",
    "Bundle",
    "CalendarEntry",
    "CallOutcome",
    "CarryAnswer",
    "ChecklistItem",
    "Claim",
    "CompletingUnit",
    "ConfirmationText",
    "Consent",
    "Decision",
    "DeskScan",
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
    "ItemState",
    "JoinRequest",
    "JoinState",
    "JointHost",
    "LicenceCheck",
    "Member",
    "Membership",
    "MembershipRole",
    "Message",
    "Note",
    "Notice",
    "NoticeFile",
    "NoticeKind",
    "NoticeVersion",
    "Packet",
    "PacketKind",
    "PageResult",
    "PaperBatch",
    "PaperPart",
    "PaperReceipt",
    "PaperSet",
    "PartKind",
    "PartReceipt",
    "PastResult",
    "PastResultFile",
    "PendingImport",
    "PhoneCall",
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
    "ReplyTemplate",
    "ReportVersion",
    "Round",
    "SavedFilter",
    "ScanResult",
    "ScanState",
    "ScannedPage",
    "ScannedPart",
    "SpecialAward",
    "StaffEntry",
    "StaffFolder",
    "StampedScan",
    "Submission",
    "SubmitAttempt",
    "TextBlock",
    "Thread",
    "UnitInvitation",
    "UnitMember",
    "Upload",
    "UploadPart",
    "WarningConfirmation",
    "WarningSummary",
    "WorkdayException",
]
