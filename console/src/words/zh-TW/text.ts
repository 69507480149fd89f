import type { Words } from '../index.tsx';

export const text: Words['text'] = {
  phone: '手機上的樣子',
  empty: '簡訊內容會顯示在這裡。',
  wide: '每則 70 字（Unicode）',
  narrow: '每則 160 字元（GSM）',
  free: (units) => `還可寫 ${units} 字`,
  banned: (words) => `電信商不接受含有 ${words} 的內容，請刪除。`,
  variables: (names) => `變數：${names}`,
  variableHint: '變數寫在大括號裡，例如 {code}，發送時會換成各自的值。',
  perMessage: (credits) => `每則 ${credits} 點`,
};
