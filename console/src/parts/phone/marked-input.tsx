import { type TextareaHTMLAttributes, useRef } from 'react';
import { Marked } from './bubble.tsx';
import css from './phone.module.css';

type Props = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value'> & {
  value?: string;
  onChange?: (value: string) => void;
  /** Whether it is told to be wrong. */
  invalid?: boolean;
};

/**
 * A text area whose variables and banned words are marked while one types: the same text lies behind it, with the marks,
 * and scrolls along. What is typed in is an ordinary text area, for keyboards and screen readers alike.
 */
export function MarkedInput({ value = '', onChange, invalid = false, ...rest }: Props) {
  const behind = useRef<HTMLDivElement>(null);
  return (
    <div className={css.input} data-invalid={invalid}>
      <div ref={behind} className={css.behind} aria-hidden="true">
        <Marked text={value} />
        {/* A line that was just begun has no height of its own. */}
        {'\n'}
      </div>
      <textarea
        {...rest}
        className={css.area}
        value={value}
        aria-invalid={invalid}
        onChange={(event) => onChange?.(event.target.value)}
        onScroll={(event) => {
          if (behind.current !== null) behind.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
