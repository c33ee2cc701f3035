"""The words that KSTT reads, as agreed with it: headings, columns, states and caveats."""

from __future__ import annotations

from reports.vietnamese import number

#: The topic of the portal, whose articles are about fields of service.
PORTAL = "portal"
#: Topic whose articles are split by number and by words alone.
RESOLUTION = "nq68"

#: The kinds of outlets, which are never added together.
GROUPS = (
    ("press", "Báo chí"),
    ("own", "Kênh của Chính phủ"),
    ("aggregator", "Trang thông tin điện tử tổng hợp (không phải cơ quan báo chí, tính riêng)"),
)
#: The blocks of Bảng 3: heading, kind, tier (None: any).
BLOCKS = (
    ("Trung ương", "press", "central"),
    ("Bộ, ngành, đoàn thể", "press", "ministry"),
    ("Địa phương", "press", "local"),
    ("Kênh của Chính phủ", "own", None),
    ("Trang thông tin điện tử tổng hợp (không phải cơ quan báo chí, tính riêng)", "aggregator", None),
)

NO_DATA = "chưa có số liệu"
PRESENT = "Có tin, bài"
NOT_FOUND = "Không phát hiện tin, bài"
NOT_ENOUGH = "Chưa đủ dữ liệu để kết luận"
OUT_OF_REACH = "Ngoài khả năng theo dõi"

SHOWN = "Có thông tin trên báo chí"
NOT_YET_SHOWN = "Chưa ghi nhận trên báo chí"
NOT_OBSERVABLE = "Không theo dõi được qua báo chí"

SUBJECT = (
    "Kết quả theo dõi thông tin báo chí về Cổng Dịch vụ công quốc gia và Nghị quyết số 68/NQ-CP ngày 12/5/2020 "
    "của Chính phủ"
)

SCOPE = "I. PHẠM VI, NGUỒN SỐ LIỆU VÀ MỨC ĐỘ ĐẦY ĐỦ"
RESULTS = "II. KẾT QUẢ CHUNG"
PLAN = "III. THỰC HIỆN KẾ HOẠCH BAN HÀNH KÈM THEO QUYẾT ĐỊNH SỐ 815/QĐ-VPCP"
HIGHLIGHTS = "IV. NỘI DUNG NỔI BẬT"
DIFFICULTIES = "V. KHÓ KHĂN, VƯỚNG MẮC DO BÁO CHÍ PHẢN ÁNH"
LIMITS = "VI. HẠN CHẾ CỦA SỐ LIỆU"
PROPOSALS = "VII. KIẾN NGHỊ, ĐỀ XUẤT"
LIST_OF_ARTICLES = "Phụ lục I. DANH MỤC TIN, BÀI"
DEFINITIONS = "Phụ lục II. GIẢI THÍCH CHỈ TIÊU"

OF_THE_DAY = "I. TIN, BÀI TRONG NGÀY"
HOW_COMPLETE = "II. MỨC ĐỘ ĐẦY ĐỦ CỦA SỐ LIỆU"

COLUMNS_1 = (
    *("TT", "Chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Kỳ trước", "Tăng/giảm (số; %)", "Cùng kỳ năm trước"),
    "Lũy kế từ 01/11/2020",
)
COLUMNS_2 = ("TT", "Chủ đề", "Lượt đăng", "Tin, bài không trùng", "Nội dung chính", "Nhắc đến")
COLUMNS_3 = (
    *("TT", "Cơ quan báo chí", "Cơ quan chủ quản", "Lượt đăng", "Trong đó: đăng lại", "Trên 1.000 tin, bài"),
    *("Mức độ đầy đủ (%)", "Tình trạng"),
)
COLUMNS_4 = (
    *("TT", "Nội dung hoạt động", "Cơ quan chủ trì", "Kết quả hoạt động theo Kế hoạch"),
    *("Tin, bài có nội dung liên quan (kỳ; lũy kế)", "Chỉ tiêu", "Kết quả do đơn vị báo cáo", "Văn bản căn cứ"),
)
COLUMNS_5 = ("TT", "Chỉ tiêu", "Giá trị", "Kỳ", "Đơn vị báo cáo", "Văn bản căn cứ")
COLUMNS_V = (
    *("TT", "Nội dung", "Cơ quan báo chí, ngày", "Câu trích", "Cơ quan có trách nhiệm"),
    "Tình hình xử lý, trả lời",
)
COLUMNS_LIST = (
    *("TT", "Ngày, giờ", "Cơ quan báo chí", "Tiêu đề", "Chủ đề", "Mức độ đề cập", "Câu trích", "Nhiệm vụ", "Đăng lại"),
    *("Đường dẫn", "Mã lưu trữ"),
)


def not_comparable(reason: str) -> str:
    return f"Không so sánh được: {reason}."


def retrospective(days: str) -> str:
    return f"Số liệu hồi cứu, thu thập ngày {days}; không gồm tin, bài không còn truy cập được trước ngày thu thập."


BY_BLOCK = "Xếp theo khối và thứ tự chữ cái; không phải xếp hạng."
SEVERAL_ACTIVITIES = "Một tin, bài có thể thuộc nhiều nhiệm vụ; không cộng dọc."
PAID = "Không phân biệt tin, bài đặt hàng, hợp tác."
GONE = "Không còn truy cập được tại đường dẫn ban đầu (kiểm tra 2 lần)"
NOT_TRANSACTIONS = "Tăng lượt đăng không chứng minh tăng giao dịch trên Cổng."


def remarks(address: str | None) -> str:
    return f"Cơ quan báo chí có ý kiến về số liệu, đề nghị gửi {address or '………………'}."


def changed(before: float, now: float, why: str) -> str:
    return f"Số đã báo cáo {number(before)}; nay {number(now)}; lý do: {why}."


#: Why a figure is another one (warehouse.compare.Cause).
CAUSES = {
    "new": "thu thập bổ sung",
    "gone": "không còn trong dữ liệu",
    "month": "thời điểm đăng được xác định lại, chuyển kỳ",
    "outlet": "nguồn được xếp lại nhóm",
    "rule": "quy tắc nhận dạng thay đổi",
    "decision": "người có trách nhiệm xác nhận lại",
    "text": "trang thay đổi nội dung",
    "weight": "mức độ đề cập thay đổi",
    "stories": "các lượt đăng được gộp, tách lại",
    "articles": "lượt đăng thay đổi",
    "unexplained": "chưa xác định được lý do",
}


def failure(reason: str) -> str:
    """Why a source gave nothing, from the crawler's word for it; a word not known here stays as it is."""
    if reason.startswith("http_"):
        return f"máy chủ trả lời mã {reason.removeprefix('http_')}"
    return _FAILURES.get(reason, reason)


_FAILURES = {
    "robots": "robots.txt không cho phép",
    "foreign_host": "địa chỉ ngoài trang của nguồn",
    "private_address": "địa chỉ trong mạng nội bộ",
    "timeout": "quá thời gian chờ",
    "download_timeout": "quá thời gian chờ",
    "user_timeout": "quá thời gian chờ",
    "tcptimed_out": "quá thời gian chờ",
    "dnslookup": "không tìm thấy tên miền",
    "connection_refused": "máy chủ từ chối kết nối",
    "connect": "không kết nối được",
    "connection_lost": "mất kết nối",
    "response_data_loss": "nội dung bị cắt ngang",
    "empty_body": "nội dung rỗng",
    "budget": "hết thời gian của đợt thu thập",
}
