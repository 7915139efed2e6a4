package loki

import _ "github.com/grafana/loki/v3/pkg/pattern/drain"
