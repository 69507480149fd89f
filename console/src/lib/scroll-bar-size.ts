/** How wide scroll bars are; in place of `@rc-component/util`'s, which adds a style to the page to find out. */
let known: number | undefined;

function measured(like: Element | null): { width: number; height: number } {
  const probe = document.createElement('div');
  Object.assign(probe.style, {
    position: 'absolute',
    left: '0',
    top: '0',
    width: '100px',
    height: '100px',
    overflow: 'scroll',
  });
  if (like !== null) probe.style.scrollbarWidth = getComputedStyle(like).scrollbarWidth;
  document.body.append(probe);
  const size = { width: probe.offsetWidth - probe.clientWidth, height: probe.offsetHeight - probe.clientHeight };
  probe.remove();
  return size;
}

export default function getScrollBarSize(fresh?: boolean): number {
  if (fresh || known === undefined) known = measured(null).width;
  return known;
}

export function getTargetScrollBarSize(target: HTMLElement): { width: number; height: number } {
  return target instanceof Element ? measured(target) : { width: 0, height: 0 };
}
