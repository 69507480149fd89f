import type { Words } from '../index.tsx';

export const text: Words['text'] = {
  phone: '手机上的样子',
  empty: '短信内容会显示在这里。',
  wide: '每段 70 字（Unicode）',
  narrow: '每段 160 字符（GSM）',
  free: (units) => `还可写 ${units} 字`,
  banned: (words) => `运营商不接受含有 ${words} 的内容，请删除。`,
  variables: (names) => `变量：${names}`,
  variableHint: '变量写在花括号里，例如 {code}，发送时会替换成各自的值。',
  perMessage: (credits) => `每条 ${credits} 点`,
};
