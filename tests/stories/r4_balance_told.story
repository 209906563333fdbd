# 余额怎么办：同一银行自动转，换银行要开清户通知单（这里只讲规则）
引用: R4-04 R4-05 R4-06 R4-07
城市: R4
人: 王某

2026-03-02 10:00 王某 查 => 规则 R4-04 balance auto_move collected_and_funded，规则 R4-04 condition same_bank
王某 查 => 规则 R4-05 balance no_auto_move，规则 R4-05 procedure same_path，规则 R4-05 condition other_bank
王某 查 => 规则 R4-06 place district_subcentre，规则 R4-06 result closeout_notice_issued，规则 R4-06 papers_self valid_id_document
王某 查 => 规则 R4-07 place old_service_bank，规则 R4-07 balance closeout，规则 R4-07 papers_self closeout_notice
王某 查 => 指南 余额 清户通知单，原文未说 R4-04 deadline，原文未说 R4-07 deadline
王某 开具清户通知单，由 银行经办 => 办成
