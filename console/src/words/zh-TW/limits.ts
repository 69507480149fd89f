import type { LimitFigures } from '../en/limits.ts';
import type { Words } from '../index.tsx';

const filled = ({ window, share }: LimitFigures) => `大小為 ${window} 的視窗有 ${share} 的時間是滿的`;
const nothing = ({ share }: LimitFigures) =>
  share === '' ? '沒有簡訊在等待該通道' : `有 ${share} 的時間沒有簡訊在等待該通道`;

export const limits: Words['limits'] = {
  says: {
    linkDown: ({ why }) => `連線已中斷${why === '' ? '' : `：${why}`}。`,
    disabled: () => '通道已停用，或即將啟動。',
    onlyReceives: () => '不透過它發送。',
    nothingWaits: (given) => `${nothing(given)}。`,
    nothingWaitsBusy: (given) => `${nothing(given)}；本伺服器的 ${given.thread} 執行緒有 ${given.busy} 的時間在忙。`,
    notRead: ({ share }) => `業者有 ${share} 的時間沒有讀取送給它的資料。`,
    noAnswers: (given) => `${filled(given)}，業者已有 ${given.seconds} 秒沒有任何回應。`,
    slowAnswers: (given) => `${filled(given)}，回應耗時 ${given.took} 毫秒，平時為 ${given.usual} 毫秒。`,
    largestWindow: (given) => `${filled(given)}，且已是最大的視窗；回應耗時 ${given.took} 毫秒。`,
    windowFull: (given) => `${filled(given)}，回應耗時 ${given.took} 毫秒，與平時相當。`,
    heldToRate: ({ speed, share }) => `通道有 ${share} 的時間受其速率限制：每秒 ${speed} 則。`,
    askedForLess: ({ times, seconds, speed, window, configured }) => {
      const asked = times === '0' ? '業者近來要求減速' : `業者在 ${seconds} 秒內 ${times} 次要求減速`;
      const given = [
        ...(speed === '' ? [] : [`每秒 ${speed} 則`]),
        ...(window === '' ? [] : [`視窗 ${window}（原為 ${configured}）`]),
      ];
      return `${asked}${given.length === 0 ? '' : `，現按${given.join('、')}發送`}。`;
    },
    ourCpu: ({ thread, busy, speed }) => `本伺服器的 ${thread} 執行緒有 ${busy} 的時間在忙，速度為每秒 ${speed} 則。`,
  },
  advice: {
    linkDown: '請查看通道日誌中業者的回應。',
    disabled: '啟動後才能透過它發送。',
    onlyReceives: '',
    nothingWaits: '',
    nothingWaitsBusy: '如果發送請求的回應較慢，瓶頸就是本伺服器。',
    notRead: '請聯絡業者：對方一側的連線已滿。',
    noAnswers: '請聯絡業者。',
    slowAnswers: '請聯絡業者：對方已到極限或出現故障。調大視窗只會讓回應更慢。',
    largestWindow: '增加連線數，或請業者加快回應。',
    windowFull: '在業者允許的範圍內調大視窗或增加連線數。',
    heldToRate: '如果合約允許更高速率，請調高通道的速率。',
    askedForLess: '請向業者申請更高的速率，或按其允許的速率設定。',
    ourCpu: '為伺服器換用更快的處理器或磁碟，或減少它的其他負擔。',
  },
};
