import type { ThemeConfig } from 'antd';

const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "PingFang TC", "Hiragino Sans GB", "Microsoft YaHei", "Microsoft JhengHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const MONO = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace';

/** The colours of one look; the page's own style sheet takes them as custom properties. */
export interface Palette {
  /** Behind everything, and of what lies on it. */
  ground: string;
  surface: string;
  raised: string;
  line: string;
  ink: string;
  /** Text beside the text: dark enough to read (WCAG AA on ground and surface). */
  quiet: string;
  brand: string;
  brandSoft: string;
  good: string;
  goodSoft: string;
  warn: string;
  warnSoft: string;
  bad: string;
  badSoft: string;
  calm: string;
  calmSoft: string;
}

export const LIGHT: Palette = {
  ground: '#f5f7f6',
  surface: '#ffffff',
  raised: '#ffffff',
  line: '#e2e7e5',
  ink: '#16211e',
  quiet: '#586864',
  brand: '#0f6b62',
  brandSoft: '#e3f1ee',
  good: '#1d7443',
  goodSoft: '#e4f4ea',
  warn: '#8a5a00',
  warnSoft: '#fdf1d8',
  bad: '#b3312c',
  badSoft: '#fce9e7',
  calm: '#2c5f99',
  calmSoft: '#e6eff9',
};

export const DARK: Palette = {
  ground: '#0f1413',
  surface: '#171d1c',
  raised: '#1e2625',
  line: '#2b3533',
  ink: '#e6ecea',
  quiet: '#9fb0ab',
  brand: '#4fbcae',
  brandSoft: '#16322e',
  good: '#63c78d',
  goodSoft: '#15301f',
  warn: '#e3b04e',
  warnSoft: '#35280d',
  bad: '#f08a83',
  badSoft: '#3c1b19',
  calm: '#86b6ec',
  calmSoft: '#172a40',
};

/** Colours of what stands side by side and is neither good nor bad; the last is for the rest. */
const LIGHT_SERIES = ['#0f6b62', '#2c5f99', '#b8781f', '#7a4fa3', '#4f8a3c', '#a8455f', '#7d8a87'];
const DARK_SERIES = ['#4fbcae', '#86b6ec', '#e3b04e', '#c3a0ea', '#93cf7d', '#ee92a9', '#8d9b97'];

export const seriesOf = (dark: boolean): readonly string[] => (dark ? DARK_SERIES : LIGHT_SERIES);

export const paletteOf = (dark: boolean): Palette => (dark ? DARK : LIGHT);

/**
 * The components' library in these colours, a little denser than it is by itself.
 * @param motion false for those who asked their system for as little as possible
 */
export function themeOf(dark: boolean, motion: boolean): ThemeConfig {
  const p = paletteOf(dark);
  return {
    token: {
      motion,
      colorPrimary: dark ? '#288579' : p.brand,
      colorPrimaryBg: p.brandSoft,
      colorInfo: p.calm,
      colorSuccess: p.good,
      colorWarning: p.warn,
      colorError: p.bad,
      colorInfoBg: p.calmSoft,
      colorInfoBorder: p.calmSoft,
      colorSuccessBg: p.goodSoft,
      colorSuccessBorder: p.goodSoft,
      colorWarningBg: p.warnSoft,
      colorWarningBorder: p.warnSoft,
      colorErrorBg: p.badSoft,
      colorErrorBorder: p.badSoft,
      colorLink: p.brand,
      colorLinkHover: p.brand,
      colorBgLayout: p.ground,
      colorBgContainer: p.surface,
      colorBgElevated: p.raised,
      colorBorder: dark ? '#3b4845' : '#cbd4d1',
      colorBorderSecondary: p.line,
      colorText: p.ink,
      colorTextSecondary: p.quiet,
      colorTextTertiary: p.quiet,
      colorTextDescription: p.quiet,
      colorTextPlaceholder: dark ? '#8b9b97' : '#6b7975',
      borderRadius: 6,
      borderRadiusLG: 10,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      controlHeight: 32,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.18s',
      wireframe: false,
    },
    components: {
      Tabs: { itemSelectedColor: p.brand, itemHoverColor: p.brand, inkBarColor: p.brand },
      Table: {
        headerBg: p.surface,
        headerColor: p.quiet,
        headerSplitColor: 'transparent',
        rowHoverBg: dark ? '#1c2423' : '#f7faf9',
        cellPaddingBlockMD: 9,
        cellPaddingInlineMD: 12,
      },
      Card: { paddingLG: 18 },
      Form: { itemMarginBottom: 18, verticalLabelPadding: '0 0 4px' },
      Button: {
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        dangerColor: dark ? '#2a0f0d' : '#ffffff',
        fontWeight: 500,
        // By itself it would become too light for white letters under the mouse.
        ...(dark && { colorPrimaryHover: '#23766b', colorPrimaryActive: '#1e675e' }),
      },
      Tag: { defaultBg: p.ground },
      Steps: { iconSize: 26, colorPrimary: p.brand, colorTextLightSolid: dark ? '#0f1413' : '#ffffff' },
      Statistic: { contentFontSize: 26 },
    },
  };
}
