package sns

import (
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
)

// formats are the bodies that a topic can be given.
var formats = map[Format]func(n alert.Notification, limit int) (string, error){
	Plain:      awssink.JSON,
	CloudWatch: alarm,
	Chat:       chat,
}
