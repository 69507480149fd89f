import type { LimitFigures } from '../en/limits.ts';
import type { Words } from '../index.tsx';

const filled = ({ window, share }: LimitFigures) => `大小为 ${window} 的窗口有 ${share} 的时间是满的`;
const nothing = ({ share }: LimitFigures) =>
  share === '' ? '没有短信在等待该通道' : `有 ${share} 的时间没有短信在等待该通道`;

export const limits: Words['limits'] = {
  says: {
    linkDown: ({ why }) => `连接已断开${why === '' ? '' : `：${why}`}。`,
    disabled: () => '通道已停用，或即将启动。',
    onlyReceives: () => '不通过它发送。',
    nothingWaits: (given) => `${nothing(given)}。`,
    nothingWaitsBusy: (given) => `${nothing(given)}；本服务器的 ${given.thread} 线程有 ${given.busy} 的时间在忙。`,
    notRead: ({ share }) => `运营商有 ${share} 的时间没有读取发给它的数据。`,
    noAnswers: (given) => `${filled(given)}，运营商已有 ${given.seconds} 秒没有任何应答。`,
    slowAnswers: (given) => `${filled(given)}，应答耗时 ${given.took} 毫秒，平时为 ${given.usual} 毫秒。`,
    largestWindow: (given) => `${filled(given)}，且已是最大的窗口；应答耗时 ${given.took} 毫秒。`,
    windowFull: (given) => `${filled(given)}，应答耗时 ${given.took} 毫秒，与平时相当。`,
    heldToRate: ({ speed, share }) => `通道有 ${share} 的时间受其速率限制：每秒 ${speed} 段。`,
    askedForLess: ({ times, seconds, speed, window, configured }) => {
      const asked = times === '0' ? '运营商近来要求降速' : `运营商在 ${seconds} 秒内 ${times} 次要求降速`;
      const given = [
        ...(speed === '' ? [] : [`每秒 ${speed} 段`]),
        ...(window === '' ? [] : [`窗口 ${window}（原为 ${configured}）`]),
      ];
      return `${asked}${given.length === 0 ? '' : `，现按${given.join('、')}发送`}。`;
    },
    ourCpu: ({ thread, busy, speed }) => `本服务器的 ${thread} 线程有 ${busy} 的时间在忙，速度为每秒 ${speed} 段。`,
  },
  advice: {
    linkDown: '请查看通道日志中运营商的应答。',
    disabled: '启动后才能通过它发送。',
    onlyReceives: '',
    nothingWaits: '',
    nothingWaitsBusy: '如果发送请求的响应较慢，瓶颈就是本服务器。',
    notRead: '请联系运营商：对方一侧的连接已满。',
    noAnswers: '请联系运营商。',
    slowAnswers: '请联系运营商：对方已到极限或出现故障。调大窗口只会让应答更慢。',
    largestWindow: '增加连接数，或请运营商加快应答。',
    windowFull: '在运营商允许的范围内调大窗口或增加连接数。',
    heldToRate: '如果合同允许更高速率，请调高通道的速率。',
    askedForLess: '请向运营商申请更高的速率，或按其允许的速率设置。',
    ourCpu: '为服务器换用更快的处理器或磁盘，或减少它的其他负担。',
  },
};
