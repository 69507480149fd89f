import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Debian's, or the one that is named. Nothing is downloaded. */
const CHROMIUM = process.env.SIGNET_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** A page may take so long to show something: machines here are busy. */
const PATIENCE_MS = 60_000;

/**
 * Whether there is a browser to test in; says so when there is none. In CI there must be one.
 * @throws in CI, where it is missing
 */
export function haveBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const told = `No browser at ${CHROMIUM}: the console's tests in a browser are left out. Install Debian's chromium, or name one in SIGNET_TEST_CHROMIUM.`;
  if (process.env.CI) throw new Error(told);
  console.warn(told);
  return false;
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** Somebody in front of a screen. */
export interface Person {
  page: Page;
  /** What the page complained of: scripts that failed, and what its policy forbade. */
  complaints: string[];
  leave(): Promise<void>;
}

export interface Screen {
  locale?: string;
  look?: 'light' | 'dark';
  width?: number;
  height?: number;
}

/** A browser window of their own, with nothing remembered. */
export async function person(browser: Browser, base: string, screen: Screen = {}): Promise<Person> {
  const { locale = 'en-GB', look = 'light', width = 1_280, height = 860 } = screen;
  const context = await browser.newContext({
    baseURL: base,
    locale,
    colorScheme: look,
    viewport: { width, height },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught|React|Warning:/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return { page, complaints, leave: () => context.close() };
}

/** Signs in at whatever address the page is on. */
export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.goto('/');
  await page.locator('input[autocomplete=username]').fill(name);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('main#content').waitFor();
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Serious and critical findings of axe on the page as it stands, as `rule: element`.
 * @param rules those to judge by; all when left out
 */
export async function findings(page: Page, rules?: string[]): Promise<string[]> {
  // Given over the debugging protocol, so the page's policy has no say in it.
  await page.evaluate(`window.axe ?? (() => { ${await axe} })()`);
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      impact: string;
      nodes: { html: string; any: { message: string }[] }[];
    }
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      ...(only && { runOnly: { type: 'rule', values: only } }),
    });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
      );
  }, rules);
}

/** Presses Tab until something with this name has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab');
    const named = await page.evaluate(() => {
      const at = document.activeElement as (HTMLElement & { labels?: NodeListOf<HTMLElement> | null }) | null;
      if (at === null) return '';
      const label = [...(at.labels ?? [])].map(({ textContent }) => textContent).join(' ');
      return at.getAttribute('aria-label') ?? (label.trim() || (at.textContent ?? ''));
    });
    if (name.test(named)) return;
    seen.push(named);
  }
  expect.unreachable(`no key press leads to ${name}; the focus went over ${seen.join(' | ')}`);
}
