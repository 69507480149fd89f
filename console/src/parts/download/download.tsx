import { DownloadOutlined } from '@ant-design/icons';
import { Button } from 'antd';

/** A file of the API, streamed to disk by the browser itself; the session's cookie goes with it. */
export function Download({ href, children, size }: { href: string; children: string; size?: 'small' }) {
  return (
    <Button href={href} download icon={<DownloadOutlined aria-hidden />} {...(size && { size })}>
      {children}
    </Button>
  );
}
