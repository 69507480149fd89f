import type { Words } from '../index.tsx';

export const welcome: Words['welcome'] = {
  lead: '五步發出第一則簡訊，頁面會自動跟進。',
  states: { done: '已完成', waiting: '審核中', now: '下一步', later: '' },
  look: '去看看',
  rejected: '未通過審核。請開啟查看原因，修改後重新提交。',
  signature: {
    title: '新增簽名',
    text: '收件人想知道是誰發來的。簽名就是公司或品牌的名稱，並附上歸屬證明。',
    go: '新增簽名',
  },
  template: {
    title: '編寫範本',
    text: '簡訊的內容，因人而異的部分寫成變數，例如 {code}。',
    go: '編寫範本',
  },
  review: { title: '等待審核', text: '平台的審核員會查看簽名和範本，通過，或者說明需要修改什麼。' },
  credits: {
    title: '儲值',
    text: (id) => `簡訊從餘額中扣費。請聯絡平台財務為您的商戶（編號 ${id}）儲值。`,
    have: (credits) => `您有 ${credits} 點。`,
  },
  message: {
    title: '發送第一則簡訊',
    text: '可以先發給自己的手機：選擇範本，填寫號碼，確認後發送。',
    go: '去發送',
    done: '簡訊已發出或已送達。',
  },
};
