import type { Words } from '../index.tsx';

export const reference: Words['reference'] = {
  title: 'API 文件',
  lead: '本伺服器提供的全部原生 API。在這裡試用的請求以您的身分真實執行。',
  find: '尋找介面',
  all: '全部',
  document: 'OpenAPI 文件',
  body: '請求內文',
  answer: '回應',
  tryIt: '試一試',
  forReal: '此請求會真實地產生改動。',
  send: '送出請求',
};
