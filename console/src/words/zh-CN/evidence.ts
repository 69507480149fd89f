import type { Words } from '../index.tsx';

export const evidence: Words['evidence'] = {
  none: '无',
  picture: (position) => `图片 ${position}`,
  upload: '上传图片',
  addLink: '添加图片地址',
};
