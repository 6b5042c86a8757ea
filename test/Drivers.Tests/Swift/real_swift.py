# One node of a real Swift on loopback: rings, accounts, containers, objects, the proxy and its cache, each a process; ends with its standard input.
import getpass, os, subprocess, sys
from swift.common import utils
from swift.common.ring import RingBuilder

utils.HASH_PATH_SUFFIX = b'nephos'
utils.SWIFT_CONF_FILE = os.devnull
folder, ports = sys.argv[1], [int(p) for p in sys.argv[2].split(',')]
KINDS = ['account', 'container', 'object']
# On a busy host a second is soon over, and a listing would lack what was not told in time; servers that start late are not shunned.
PATIENT = 'conn_timeout = 60\nnode_timeout = 60\nrecoverable_node_timeout = 60\ncontainer_update_timeout = 60\nerror_suppression_limit = 1000000\n'

if len(sys.argv) == 3:
    os.makedirs(folder + '/devices/d1', exist_ok=True)
    for kind, port in zip(KINDS, ports[1:]):
        ring = RingBuilder(2, 1, 1)
        ring.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1, 'ip': '127.0.0.1', 'port': port, 'device': 'd1', 'replication_ip': '127.0.0.1', 'replication_port': port, 'meta': ''})
        ring.rebalance()
        ring.get_ring().save(f'{folder}/{kind}.ring.gz')
    user = getpass.getuser()
    servers = [subprocess.Popen(['/usr/bin/memcached', '-l', '127.0.0.1', '-p', str(ports[4]), '-u', user], stdin=subprocess.DEVNULL)]
    servers += [subprocess.Popen([sys.executable, __file__, folder, sys.argv[2], kind], stdin=subprocess.DEVNULL) for kind in KINDS + ['proxy']]
    sys.stdin.read()
    for server in servers: server.kill()
    for server in servers: server.wait()
else:
    kind = sys.argv[3]
    port = dict(zip(['proxy'] + KINDS, ports))[kind]
    common = f'[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nswift_dir = {folder}\ndevices = {folder}/devices\nmount_check = false\nlog_address = {folder}/none\nuser = {getpass.getuser()}\n'
    if kind == 'proxy':
        text = common + '[pipeline:main]\npipeline = catch_errors cache listing_formats tempauth slo proxy-server\n[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n' + PATIENT
        text += '[filter:tempauth]\nuse = egg:swift#tempauth\nuser_images_nephos = secret .admin\n[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:%d\n' % ports[4]
        text += ''.join(f'[filter:{f}]\nuse = egg:swift#{f}\n' for f in ['catch_errors', 'listing_formats', 'slo'])
    else:
        text = common + f'[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\nreplication_server = \n' + PATIENT
    path = f'{folder}/{kind}.conf'
    open(path, 'w').write(text)
    from swift.common.wsgi import run_wsgi
    if kind == 'object':
        from swift.obj import server
        sys.exit(run_wsgi(path, 'object-server', global_conf_callback=server.global_conf_callback))
    sys.exit(run_wsgi(path, kind + '-server'))
