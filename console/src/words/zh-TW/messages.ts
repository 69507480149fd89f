import type { Words } from '../index.tsx';

const after = (ms: number) => {
  if (ms < 1_000) return `${ms} 毫秒`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} 秒`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} 分鐘`;
  return `${Math.round(ms / 3_600_000)} 小時`;
};

export const messages: Words['messages'] = {
  title: '簡訊紀錄',
  lead: '發給每個號碼的每則簡訊，最新的在前。點選一列查看完整過程。',
  one: '簡訊',
  toAll: '查看全部簡訊',
  find: '號碼或簡訊編號',
  anyState: '全部狀態',
  plan: '發送計畫編號',
  business: '商戶編號',
  noneTitle: '還沒有簡訊',
  noneText: '無論從主控台或透過 API 發送，簡訊都會出現在這裡。',
  noneFoundTitle: '沒有符合條件的簡訊',
  noneFoundText: '請清除某個篩選條件，或用含國碼的完整號碼查詢。',
  accepted: '受理時間',
  segments: '段數',
  credits: '點數',
  planColumn: '發送計畫',
  channel: '通道',
  error: '原因',
  simulated: '模擬發送',
  simulatedNote: '這則簡訊只送到內建模擬器，沒有到達任何手機。新增通道後才會真正發送。',
  id: '簡訊編號',
  reserved: '預留點數',
  settled: '已扣點數',
  released: '退回點數',
  attempts: '嘗試次數',
  repeats: '重送次數',
  carrierIds: '電信業者編號',
  carrierId: '電信業者編號',
  timeline: '完整過程',
  repeat: '結果不明後重送',
  attempt: (count) => `第 ${count} 次嘗試`,
  overChannel: (id) => `通道 ${id}`,
  after: (ms) => `${after(ms)}後`,
  reports: '狀態報告（電信業者原文）',
  raw: '原文',
  ledger: '所屬發送計畫的帳目',
  errors: {
    planLate: '計畫未能按時啟動',
    planInQuietHours: '計畫啟動前已進入靜默時段',
    businessSuspended: '計畫啟動時商戶已停用',
    signatureNotFound: '計畫啟動前簽名已刪除',
    signatureNotApproved: '計畫啟動時簽名未通過審核',
    templateNotFound: '計畫啟動前範本已刪除',
    templateNotOfSignature: '計畫啟動時範本用的是另一個簽名',
    templateNotApproved: '計畫啟動時範本未通過審核',
    linkLost: '回應之前連線中斷',
    linkClosed: '連線已關閉',
    notAnswered: '業者未及時回應',
    noAlphabet: '通道支援的編碼都無法表示該內容',
    cutOtherwise: '業者已收到部分分段，而現在的分段方式不同',
    noText: '無法讀取簡訊內容',
  },
};
