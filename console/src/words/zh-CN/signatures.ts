import type { Words } from '../index.tsx';

export const signatures: Words['signatures'] = {
  lead: '签名表明短信来自谁，提交归属证明后审核一次即可使用。',
  create: '新建签名',
  newTitle: '新建签名',
  editTitle: '修改签名',
  text: '签名',
  textHint: '收件人熟悉的名字：公司或品牌名称。',
  noBrackets: '不用写括号，系统会自动加上。',
  source: '归属说明',
  sourceHint: '供审核员核对：与证明材料一致的公司名、商标或应用名。',
  evidence: '证明材料',
  evidenceHint: '例如营业执照或商标注册证：PNG、JPEG 或 WebP，每张不超过 2 MB。',
  submit: '提交审核',
  submitted: '已提交，审核通过后即可使用。',
  changed: '更新时间',
  emptyTitle: '还没有签名',
  emptyText: '短信先要说明来自谁。先建一个签名，通过审核后再为它编写模版。',
  chooseTitle: '查看哪个商户的签名？',
  chooseText: '请在上方选择商户。等待审核的内容在审核队列中。',
  removeTitle: (text) => `删除签名“${text}”？`,
  removeText: '已发送的短信不受影响。正在使用它的模版需要先更换签名。',
};
