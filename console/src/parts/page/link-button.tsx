import { createLink } from '@tanstack/react-router';
import { Button, type ButtonProps } from 'antd';
import type { Ref } from 'react';

type Props = Omit<ButtonProps, 'ref' | 'type'> & {
  ref?: Ref<HTMLAnchorElement>;
  /** Whether it is what most people do next here. */
  primary?: boolean;
};

/** A way to another screen that looks like a button and is a link: opened in a new tab, copied, walked to by keyboard. */
export const LinkButton = createLink(({ ref, primary = false, ...props }: Props) => (
  <Button {...props} type={primary ? 'primary' : 'default'} ref={ref as never} />
));
