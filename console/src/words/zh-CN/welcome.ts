import type { Words } from '../index.tsx';

export const welcome: Words['welcome'] = {
  lead: '五步发出第一条短信，页面会自动跟进。',
  states: { done: '已完成', waiting: '审核中', now: '下一步', later: '' },
  look: '去看看',
  rejected: '未通过审核。请打开查看原因，修改后重新提交。',
  signature: {
    title: '新建签名',
    text: '收件人想知道是谁发来的。签名就是公司或品牌的名称，并附上归属证明。',
    go: '新建签名',
  },
  template: {
    title: '编写模版',
    text: '短信的内容，因人而异的部分写成变量，例如 {code}。',
    go: '编写模版',
  },
  review: { title: '等待审核', text: '平台的审核员会查看签名和模版，通过，或者说明需要修改什么。' },
  credits: {
    title: '充值',
    text: (id) => `短信从余额中扣费。请联系平台财务为您的商户（编号 ${id}）充值。`,
    have: (credits) => `您有 ${credits} 点。`,
  },
  message: {
    title: '发送第一条短信',
    text: '可以先发给自己的手机：选择模版，填写号码，确认后发送。',
    go: '去发送',
    done: '短信已发出或已送达。',
  },
};
