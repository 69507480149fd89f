import type { Words } from '../index.tsx';

export const evidence: Words['evidence'] = {
  none: '無',
  picture: (position) => `圖片 ${position}`,
  upload: '上傳圖片',
  addLink: '新增圖片網址',
};
