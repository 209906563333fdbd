# 挂失期间的费用：经审核报销一次，且为挂失更换前最近一次（这里只讲规则）
引用: H5 R6-08
城市: R6
人: 王某

2026-11-20 10:00 王某 查 => 规则 R6-08 reimbursement latest_before_loss_and_exchange，规则 R6-08 confirmed_by after_review
王某 查 => 规则 R6-08 condition lost_or_damaged_period，原文未说 R6-08 actors papers_self place deadline
