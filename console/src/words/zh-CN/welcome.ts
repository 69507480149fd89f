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
    afterSignature: '签名审核通过后就可以编写。',
    go: '编写模版',
  },
  review: { title: '等待审核', text: '平台的审核员先看签名，再看模版：通过，或者说明需要修改什么。' },
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
  staff: {
    lead: '从零到发出第一条短信，平台方要做的事。页面会自动跟进。',
    business: {
      title: '添加商户',
      text: '短信由商户发送：它有自己的额度、登录名和成员。添加时就可以给它一些点数。',
      go: '添加商户',
    },
    enter: {
      title: '让商户开始',
      text: '商户用刚才显示的登录名和密码登录（或由您在“成员”中邀请的人登录），它的“新手引导”会一步步带着走。自己试用时，请另开一个无痕窗口，这里保持登录。',
    },
    review: {
      title: '审核它要发的内容',
      text: '先是签名，再是模版，都会进入您的审核队列。未经审核的内容不会发出。',
      waiting: (count) => `${count} 项待审核，通过后才能发送。`,
      go: '去审核',
    },
    carrier: {
      title: '接入运营商',
      text: '添加通道之前，由内置模拟器接收所有短信：功能一切正常，但不会发到手机上。',
      have: '已有通道。',
      go: '添加通道',
    },
  },
};
