"""The vocabulary of a synthetic history: fields, blocks and topics common in the country."""

FIELDS = {
    "economy": "Kinh tế",
    "culture_society": "Văn hóa – xã hội",
    "defence_security": "Quốc phòng – an ninh",
    "political_system": "Xây dựng hệ thống chính trị",
}
BLOCKS = {
    "commune_and_ward": "Khối xã, phường",
    "administrative_and_public_service": "Khối hành chính, sự nghiệp",
    "armed_forces": "Khối lực lượng vũ trang",
    "enterprise": "Khối doanh nghiệp",
}
TOPICS = (
    "trồng quế và hồi dưới tán rừng",
    "hũ gạo tình thương",
    "đường hoa tự quản",
    "hiến đất mở đường",
    "tổ tự quản an ninh, trật tự",
    "chuyển đổi số ở khu dân cư",
    "nhà sạch, vườn đẹp",
    "gia đình học tập, dòng họ học tập",
    "cải cách hành chính vì dân phục vụ",
    "quỹ khuyến học thôn bản",
)
