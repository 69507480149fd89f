import type { Words } from '../index.tsx';

export const reference: Words['reference'] = {
  title: 'API 文档',
  lead: '本服务器提供的全部原生 API。在这里试用的请求以您的身份真实执行。',
  find: '查找接口',
  all: '全部',
  document: 'OpenAPI 文档',
  body: '请求体',
  answer: '应答',
  tryIt: '试一试',
  forReal: '此请求会真实地产生改动。',
  send: '发送请求',
};
