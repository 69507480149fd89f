import type { Words } from '../index.tsx';

const after = (ms: number) => {
  if (ms < 1_000) return `${ms} 毫秒`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} 秒`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} 分钟`;
  return `${Math.round(ms / 3_600_000)} 小时`;
};

export const messages: Words['messages'] = {
  title: '短信记录',
  lead: '发给每个号码的每条短信，最新的在前。点击一行查看它的全过程。',
  one: '短信',
  toAll: '查看全部短信',
  find: '号码或短信编号',
  anyState: '全部状态',
  plan: '发送计划编号',
  business: '商户编号',
  noneTitle: '还没有短信',
  noneText: '无论从控制台还是通过 API 发送，短信都会出现在这里。',
  noneFoundTitle: '没有符合条件的短信',
  noneFoundText: '请清除某个筛选条件，或用带国家码的完整号码查询。',
  accepted: '受理时间',
  segments: '段数',
  credits: '点数',
  planColumn: '发送计划',
  channel: '通道',
  error: '原因',
  simulated: '模拟发送',
  simulatedNote: '这条短信只发给了内置模拟器，没有到达任何手机。添加通道后才会真正发送。',
  id: '短信编号',
  reserved: '预留点数',
  settled: '已扣点数',
  released: '退回点数',
  attempts: '尝试次数',
  repeats: '重发次数',
  carrierIds: '运营商编号',
  carrierId: '运营商编号',
  timeline: '全过程',
  repeat: '结果不明后重发',
  attempt: (count) => `第 ${count} 次尝试`,
  overChannel: (id) => `通道 ${id}`,
  after: (ms) => `${after(ms)}后`,
  reports: '状态报告（运营商原文）',
  raw: '原文',
  ledger: '所属发送计划的账目',
  errors: {
    planLate: '计划未能按时启动',
    planInQuietHours: '计划启动前已进入静默时段',
    businessSuspended: '计划启动时商户已停用',
    signatureNotFound: '计划启动前签名已删除',
    signatureNotApproved: '计划启动时签名未通过审核',
    templateNotFound: '计划启动前模版已删除',
    templateNotOfSignature: '计划启动时模版用的是另一个签名',
    templateNotApproved: '计划启动时模版未通过审核',
    linkLost: '应答之前连接断开',
    linkClosed: '连接已关闭',
    notAnswered: '运营商未及时应答',
    noAlphabet: '通道支持的编码都无法表示该内容',
    cutOtherwise: '运营商已收到部分分段，而现在的分段方式不同',
    noText: '无法读取短信内容',
  },
};
