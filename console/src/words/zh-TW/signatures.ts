import type { Words } from '../index.tsx';

export const signatures: Words['signatures'] = {
  lead: '簽名表明簡訊來自誰，提交歸屬證明後審核一次即可使用。',
  create: '新增簽名',
  newTitle: '新增簽名',
  editTitle: '修改簽名',
  text: '簽名',
  textHint: '收件人熟悉的名字：公司或品牌名稱。',
  noBrackets: '不用寫括號，系統會自動加上。',
  source: '歸屬說明',
  sourceHint: '供審核員核對：與證明文件一致的公司名、商標或應用程式名。',
  evidence: '證明文件',
  evidenceHint: '例如營業登記或商標註冊證：PNG、JPEG 或 WebP，每張不超過 2 MB。',
  submit: '提交審核',
  submitted: '已提交，審核通過後即可使用。',
  changed: '更新時間',
  emptyTitle: '還沒有簽名',
  emptyText: '簡訊先要說明來自誰。先建立一個簽名，通過審核後再為它編寫範本。',
  chooseTitle: '查看哪個商戶的簽名？',
  chooseText: '請在上方選擇商戶。等待審核的內容在審核佇列中。',
  removeTitle: (text) => `刪除簽名「${text}」？`,
  removeText: '已發送的簡訊不受影響。正在使用它的範本需要先更換簽名。',
};
