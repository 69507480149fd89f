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
    afterSignature: '簽名審核通過後就可以編寫。',
    go: '編寫範本',
  },
  review: { title: '等待審核', text: '平台的審核員先看簽名，再看範本：通過，或者說明需要修改什麼。' },
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
  staff: {
    lead: '從零到發出第一則簡訊，平台方要做的事。頁面會自動跟進。',
    business: {
      title: '新增商戶',
      text: '簡訊由商戶發送：它有自己的額度、登入名稱和成員。新增時就可以給它一些點數。',
      go: '新增商戶',
    },
    enter: {
      title: '讓商戶開始',
      text: '商戶用剛才顯示的登入名稱和密碼登入（或由您在「成員」中邀請的人登入），它的「新手引導」會一步步帶著走。自己試用時，請另開一個無痕視窗，這裡保持登入。',
    },
    review: {
      title: '審核它要發的內容',
      text: '先是簽名，再是範本，都會進入您的審核佇列。未經審核的內容不會發出。',
      waiting: (count) => `${count} 項待審核，通過後才能發送。`,
      go: '去審核',
    },
    carrier: {
      title: '接入電信業者',
      text: '新增通道之前，由內建模擬器接收所有簡訊：功能一切正常，但不會發到手機上。',
      have: '已有通道。',
      go: '新增通道',
    },
  },
};
