# 用卡、查询和密码：刷卡要密码，不能取现转账；在哪里查、在哪里改（这里只讲规则）
引用: R5-05 R5-06 R5-07 R5-08 R5-09 R5-10 R5-11
城市: R5
人: 王某

2026-11-20 10:00 王某 查 => 规则 R5-05 pin required_at_pos，规则 R5-05 balance purpose_bound，规则 R5-05 place hospital pharmacy
王某 查 => 规则 R5-06 channels telephone boc_savings_office web，规则 R5-07 papers_self resident_id medical_certificate
王某 查 => 规则 R5-08 place boc_retail_dept，规则 R5-09 channels telephone，规则 R5-10 papers_self resident_id
王某 查 => 规则 R5-11 pin report_lost_and_change，规则 R5-11 place boc_savings_office
