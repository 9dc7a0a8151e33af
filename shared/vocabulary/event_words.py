"""Labels of events in Vietnamese and English, by their names in the contract.

And labels of asserted figures: metrics and dimensions beyond the ledger's own measures. Publishers
may name their own; these are the ones that published reports use.
"""

from collections.abc import Mapping

WORDS_OF_SUBJECTS: Mapping[str, tuple[str, str]] = {
    "subject_registration": ("Đăng ký", "Registration"),
    "subject_model": ("Mô hình", "Model"),
    "subject_award": ("Khen thưởng", "Award"),
    "subject_commendation": ("Biểu dương", "Commendation"),
    "subject_organization": ("Tổ chức", "Organisation"),
    "subject_unit": ("Đơn vị", "Unit"),
    "subject_reorganization": ("Đợt sắp xếp đơn vị", "Reorganisation of units"),
    "subject_taxonomy": ("Danh mục", "Taxonomy"),
    "subject_plan": ("Kế hoạch", "Plan"),
    "subject_outcome": ("Kết quả đo được", "Measured outcome"),
    "subject_inspection": ("Đợt kiểm tra", "Inspection"),
    "subject_session": ("Phiên bình xét", "Review session"),
    "subject_figure": ("Số liệu đã công bố", "Published figure"),
    "subject_period": ("Năm", "Year"),
    "subject_person": ("Cá nhân", "Person"),
    "subject_trust": ("Chế độ ký số", "Trust"),
    "subject_publisher": ("Nơi gửi", "Publisher"),
    "subject_officer": ("Cán bộ", "Officer"),
    "organization_unknown": (
        "tổ chức chưa khai báo (mã {org_id})",
        "an organisation that was not defined (id {org_id})",
    ),
    "decision_unnumbered": ("Quyết định không ghi số", "a decision without a number"),
}
"""Labels of streams, by the prefix of their subjects."""

WORDS_OF_EVENTS: Mapping[str, tuple[str, str]] = {
    "EventRetracted": ("Rút lại một sự kiện ghi nhầm", "An event was retracted"),
    "EventRedacted": ("Che lời văn của một sự kiện", "Texts of an event were redacted"),
    "RoleGranted": ("Giao vai trò cho cán bộ", "A role was granted"),
    "RoleEnded": ("Chấm dứt vai trò của cán bộ", "A role ended"),
    "UnitOpened": ("Thành lập đơn vị hành chính", "A unit was opened"),
    "UnitRenamed": ("Đổi tên đơn vị hành chính", "A unit was renamed"),
    "UnitMoved": ("Chuyển đơn vị hành chính về đơn vị cấp trên khác", "A unit was moved"),
    "UnitClosed": ("Giải thể đơn vị hành chính", "A unit was closed"),
    "UnitsReorganized": ("Sắp xếp đơn vị hành chính", "Units were reorganised"),
    "OrganizationDefined": ("Khai báo tổ chức", "An organisation was defined"),
    "OrganizationSucceeded": ("Tổ chức kế thừa tổ chức khác", "An organisation succeeded others"),
    "TaxonomyPublished": ("Ban hành danh mục", "A taxonomy was published"),
    "PlanIssued": ("Ban hành kế hoạch", "A plan was issued"),
    "ModelRegistered": ("Đăng ký mô hình", "A model was registered"),
    "ModelAmended": ("Đính chính đăng ký", "A registration was amended"),
    "RegistrationWithdrawn": ("Rút đăng ký", "A registration was withdrawn"),
    "ModelDiscontinued": ("Mô hình không tiếp tục", "A model was discontinued"),
    "ModelReplicated": ("Nhân rộng mô hình", "A model was replicated"),
    "OutcomeReported": ("Báo cáo kết quả", "An outcome was reported"),
    "InspectionPlanned": ("Lập kế hoạch kiểm tra", "An inspection was planned"),
    "InspectionConducted": ("Tiến hành kiểm tra", "An inspection was conducted"),
    "EligibilityAssessed": ("Xét điều kiện bình xét", "Eligibility was assessed"),
    "ReviewSessionHeld": ("Họp bình xét", "A review session was held"),
    "ModelEvaluated": ("Đánh giá, phân loại", "A model was evaluated"),
    "ModelRecognized": ("Công nhận", "A model was recognised"),
    "RecognitionDeclined": ("Không công nhận", "Recognition was declined"),
    "RecognitionRevoked": ("Hủy công nhận", "Recognition was revoked"),
    "AwardProposed": ("Đề nghị khen thưởng", "An award was proposed"),
    "AwardDeclined": ("Không khen thưởng", "An award was declined"),
    "AwardGranted": ("Tặng khen thưởng", "An award was granted"),
    "AwardAmended": ("Đính chính khen thưởng", "An award was amended"),
    "AwardPresented": ("Trao khen thưởng", "An award was presented"),
    "AwardRevoked": ("Thu hồi khen thưởng", "An award was revoked"),
    "ExemplarCommended": ("Biểu dương điển hình", "An exemplar was commended"),
    "FigureAsserted": ("Công bố số liệu", "A figure was asserted"),
    "PeriodClosed": ("Khóa sổ năm", "A year was closed"),
    "PeriodReopened": ("Mở lại sổ năm", "A year was reopened"),
    "PersonErased": ("Xóa thông tin cá nhân theo yêu cầu", "A person was erased"),
    "TrustBegan": ("Bắt đầu chế độ ký số", "Trust began"),
    "PublisherAuthorized": ("Cấp quyền gửi sự kiện", "A publisher was authorised"),
    "GrantEnded": ("Chấm dứt quyền gửi sự kiện", "A grant ended"),
    "KeyAdded": ("Thêm khóa ký", "A key was added"),
    "KeyRevoked": ("Thu hồi khóa ký", "A key was revoked"),
    "AuthorityApproved": ("Chấp thuận của nơi gốc thứ hai", "Another root approved"),
}


FIGURE_WORDS: Mapping[str, tuple[str, str]] = {
    # Metrics
    "subjects_registered": ("Tập thể, cá nhân đăng ký", "Collectives and persons registered"),
    "exemplars": ("Điển hình “Dân vận khéo”", "Exemplars of the movement"),
    "exemplars_commended": ("Điển hình được biểu dương", "Exemplars commended"),
    "exemplars_replicated": ("Điển hình được nhân rộng", "Exemplars replicated"),
    "models_commended": ("Mô hình được biểu dương", "Models commended"),
    "models_replicated": ("Mô hình được nhân rộng", "Models replicated"),
    # Dimensions
    "grantor": ("Cơ quan khen thưởng", "Granted by"),
    "basis": ("Căn cứ xét khen", "Granted for"),
    "award_name": ("Tên khen thưởng", "Name of the award"),
    "presenter_on_behalf_of": ("Trao thừa ủy quyền của", "Presented on behalf of"),
    "programme": ("Phong trào", "Programme"),
    # Values
    "dan_van_kheo": ("“Dân vận khéo”", "“Dân vận khéo”"),
    "don_vi_dan_van_tot": ("“Đơn vị dân vận tốt”", "“Đơn vị dân vận tốt”"),
    "dan_van_kheo+don_vi_dan_van_tot": (
        "“Dân vận khéo” và “Đơn vị dân vận tốt”",
        "“Dân vận khéo” and “Đơn vị dân vận tốt”",
    ),
    "mixed": ("Tập thể và cá nhân", "Collectives and individuals"),
    "armed_forces": ("Lực lượng vũ trang", "Armed forces"),
    "press_contest": ("Cuộc thi báo chí", "Press contest"),
    "prime_minister": ("Thủ tướng Chính phủ", "The Prime Minister"),
    "central_mass_mobilization_commission": (
        "Ban Dân vận Trung ương",
        "Central Commission for Mass Mobilisation",
    ),
    "provincial_mass_mobilization_commission": (
        "Ban Dân vận Tỉnh ủy",
        "Provincial Commission for Mass Mobilisation",
    ),
    "provincial_peoples_committee": ("UBND tỉnh", "Provincial people's committee"),
    "provincial_peoples_committee_chair": (
        "Chủ tịch UBND tỉnh",
        "Chair of the provincial people's committee",
    ),
}
