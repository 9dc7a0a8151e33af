"""Labels of asserted figures: metrics and dimensions beyond the ledger's own measures.

Publishers may name their own metrics and dimensions; these are the ones that published reports use.
"""

from collections.abc import Mapping

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
