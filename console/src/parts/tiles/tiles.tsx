import type { ReactNode } from 'react';
import css from './tiles.module.css';

/** Figures side by side. */
export const Tiles = ({ label, children }: { label: string; children: ReactNode }) => (
  <section className={css.tiles} aria-label={label}>
    {children}
  </section>
);

/** One of them: what it is, how much, and what is to be known of it. */
export function Tile({
  name,
  value,
  note,
  tone,
}: {
  name: string;
  value: string;
  note?: ReactNode;
  tone?: 'good' | 'bad' | undefined;
}) {
  return (
    <div className={css.tile} data-tone={tone}>
      <div className={css.tileName}>{name}</div>
      <div className={css.tileValue}>{value}</div>
      <div className={css.tileNote}>{note ?? '\u00a0'}</div>
    </div>
  );
}
